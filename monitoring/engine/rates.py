"""From counters to rates: wraps, reboots, gaps. Pure numpy over flat arrays of a whole batch."""

import numpy as np
from numpy.typing import NDArray

GAUGE, COUNTER32, COUNTER64, STATE = 0, 1, 2, 3
KIND_CODES = {"gauge": GAUGE, "counter32": COUNTER32, "counter64": COUNTER64, "state": STATE}

NOTHING = np.uint64(2**64 - 1)  # as uint64: no reading; the same bits as float64 are a NaN
MAX_GAP = 3600.0  # seconds: over a longer gap a counter tells nothing
MASK_32 = np.uint64(2**32 - 1)
SLACK = 10.0  # seconds by which a target's clock may be off before we believe in a reboot
FASTEST = 1e13  # per second: 80 Tbit/s of octets; more is a counter that was set back
HALF = np.uint64(2**63)

Floats = NDArray[np.float64]
Raws = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.uint8]


def rebooted(at: Floats, uptime: Floats, last_at: Floats, last_uptime: Floats) -> Flags:
    """Whether each target started anew between two sweeps: the moment it started has moved on.

    Times and uptimes in seconds, NaN = unknown (then: no). An uptime that wraps looks like a reboot and
    costs one rate.
    """
    with np.errstate(invalid="ignore"):
        moved = (at - uptime) - (last_at - last_uptime)
        return moved > SLACK + 0.01 * np.abs(at - last_at)


def rates(kind: Codes, now: Raws, before: Raws, seconds: Floats, restarted: Flags) -> Floats:
    """Increase per second of each counter; NaN where there is none to tell.

    `kind` holds KIND_CODES by reading; `now` and `before` raw readings (NOTHING = none); `seconds` the time
    between the two, `restarted` whether the target started anew meanwhile. A 32-bit counter that fell has
    wrapped (RFC 2578 7.1.6). A 64-bit one that fell close to its end has wrapped, else it was set back: NaN.
    One that left the range of 32 bits at a leap may have been read as a 32-bit one before: NaN.
    Time that stands still, runs backward or spans more than MAX_GAP: NaN. Gauges and states: NaN.
    """
    counter = (kind == COUNTER32) | (kind == COUNTER64)
    known = counter & (now != NOTHING) & (before != NOTHING) & ~restarted
    known &= (seconds > 0) & (seconds <= MAX_GAP)
    increase = now - before  # modulo 2**64: a wrap of 64 bits comes out right
    fell = now < before
    small = kind == COUNTER32
    increase[small & fell] &= MASK_32
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        rate = increase / seconds
    impossible = (rate < 0) | (rate > FASTEST) | (fell & small & (before >= np.uint64(2**32)))
    impossible |= fell & ~small & (before < HALF)
    impossible |= ~small & (before <= MASK_32) & (increase > MASK_32)
    return np.where(known & ~impossible, rate, np.nan)
