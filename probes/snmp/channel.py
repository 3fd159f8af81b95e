"""One UDP socket to one agent: sends a request, waits, repeats it, hands the answer on.

What to ask is written as a plain generator (`Steps`) that yields asks and receives answers; this class drives
it from the socket's callback, so that a walk of many pages wakes its caller once.
"""

import asyncio
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from gufo.snmp._fast import NoSuchInstance
from gufo.snmp._fast import SnmpAuthError as _LibraryAuthError

from probes.snmp.answers import error_status, oversized
from probes.snmp.errors import SnmpAuthError, SnmpGarbage, SnmpTimeout, SnmpUnreachable

T = TypeVar("T")

END: Final = object()  # nothing follows, or the answer bears an error-status: look at `status`
_LARGEST_DATAGRAM: Final = 65535
_MOST_GARBAGE: Final = 16  # datagrams for one request; each may make the library write a panic to stderr


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: how to send it, how to read its answer, whether to send it again after a timeout."""

    send: Callable[[], None]
    receive: Callable[[], Any]
    repeat: bool = True


Steps = Generator[Ask, Any, T]


class Channel:
    """Drives Steps over a library socket; one request is in flight at a time.

    `timeout` is what one try may take and `budget` what one run may take, in seconds.
    """

    def __init__(
        self, link: Any, name: str, timeout: float, retries: int, budget: float, plain: bool
    ) -> None:
        self.link = link
        self._name = name
        self._timeout = timeout
        self._retries = retries
        self._budget = budget
        self._peek = plain  # v3 is encrypted: nothing to be seen
        self._loop = asyncio.get_running_loop()
        self._fd: int = link.get_fd()
        self._socket = socket.socket(fileno=self._fd)
        self._timer: asyncio.TimerHandle | None = None
        self._ask: Ask | None = None
        self._raw = b""
        self._loop.add_reader(self._fd, self._readable)

    def close(self) -> None:
        """Stop listening; the library's object closes the socket itself when it goes."""
        if self._fd < 0:
            return
        self._loop.remove_reader(self._fd)
        self._socket.detach()
        self._fd = -1
        if self._timer:
            self._timer.cancel()

    @property
    def status(self) -> tuple[int, int]:
        """(error-status, error-index) of the last answer; (0, 0) over v3, where it is not to be seen."""
        return error_status(self._raw) if self._raw else (0, 0)

    async def run(self, steps: Steps[T]) -> T:
        """Drive steps to their end; raises what they raise (SnmpError) or do not catch."""
        self._steps = steps
        self._done: asyncio.Future[T] = self._loop.create_future()
        self._give_up = self._loop.time() + self._budget
        self._advance(None)
        try:
            return await self._done
        finally:
            self._ask = None
            steps.close()

    def _advance(self, value: Any, error: Exception | None = None) -> None:
        try:
            ask = self._steps.send(value) if error is None else self._steps.throw(error)
        except StopIteration as stop:
            self._finish(stop.value)
        except Exception as failure:
            self._finish(None, failure)
        else:
            self._tries = self._spoils = 0
            self._garbage = ""
            self._transmit(ask)

    def _finish(self, value: Any, error: Exception | None = None) -> None:
        self._ask = None
        if self._done.done():  # the caller was cancelled
            return
        if error is None:
            self._done.set_result(value)
        else:
            self._done.set_exception(error)

    def _transmit(self, ask: Ask) -> None:
        now = self._loop.time()
        if now > self._give_up:
            self._advance(None, SnmpTimeout(f"{self._name}: not done within {self._budget:g} s"))
            return
        self._ask = ask
        self._tries += 1
        self._deadline = now + self._timeout
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline, self._expired)
        try:
            ask.send()
        except BlockingIOError:
            return  # the kernel's buffer is full: as if lost on the way
        except OSError as error:
            self._refused(str(error))

    def _readable(self) -> None:
        ask = self._ask
        if ask is None:
            self._drain()
            return
        if self._peek and not self._sound():
            return
        try:
            value = ask.receive()
        except BlockingIOError:
            return  # late, foreign, or to another request: wait on
        except StopAsyncIteration:
            value = END
        except NoSuchInstance:
            value = None
        except OSError as error:
            self._refused(str(error))
            return
        except _LibraryAuthError:
            self._advance(None, SnmpAuthError(f"{self._name}: user, password or protocol refused"))
            return
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a decoder's error or its panic: not for us, wait on
            self._spoiled(str(error) or "undecodable")
            return
        self._advance(value)

    def _sound(self) -> bool:
        """Look at the datagram without taking it; drop it where the library would cut its numbers."""
        try:
            self._raw = self._socket.recv(_LARGEST_DATAGRAM, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError as error:
            self._refused(str(error.strerror or error))
            return False
        if oversized(self._raw):
            self._drain()
            self._spoiled("a number with more bytes than its type has")
            return False
        return True

    def _spoiled(self, why: str) -> None:
        """Not for us, or broken on the way: wait on, but not for ever more of it."""
        self._garbage = why
        self._spoils += 1
        if self._spoils >= _MOST_GARBAGE and self._ask:
            self._advance(None, self._silence(self._ask))

    def _drain(self) -> None:
        try:
            self._socket.recv(_LARGEST_DATAGRAM)
        except OSError:
            return

    def _expired(self) -> None:
        self._timer = None
        if self._ask is None:
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._expired)
            return
        ask = self._ask
        if ask.repeat and self._tries <= self._retries:
            self._transmit(ask)
        else:
            self._advance(None, self._silence(ask))

    def _silence(self, ask: Ask) -> Exception:
        if self._garbage:
            return SnmpGarbage(f"{self._name}: answers with what is not SNMP ({self._garbage})")
        tries = f" ({self._tries} tries)" if self._tries > 1 else ""
        return SnmpTimeout(f"{self._name}: no answer within {self._timeout:g} s{tries}")

    def _refused(self, why: str) -> None:
        if self._ask and self._ask.repeat and self._tries <= self._retries:
            self._transmit(self._ask)
        else:
            self._advance(None, SnmpUnreachable(f"{self._name}: {why.lower()}"))
