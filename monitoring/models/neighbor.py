"""Who a device says is at the other end of its ports."""

from django.db import models

from inventory.models import Device


class Neighbor(models.Model):
    """What the last discovery heard on a port by LLDP, CDP and the like: an observation, no documentation.

    The other end is text as the neighbor names itself (a host name, or a MAC where it has none).
    """

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="neighbors")
    protocol = models.CharField(max_length=20)
    local_port = models.CharField(max_length=255, blank=True)
    remote_name = models.CharField(max_length=255)
    remote_port = models.CharField(max_length=255, blank=True)
    remote_version = models.CharField(max_length=255, blank=True)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["local_port", "remote_name", "remote_port"]

    def __str__(self) -> str:
        return f"{self.local_port} – {self.remote_name} {self.remote_port}".strip()
