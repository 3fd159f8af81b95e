"""The pages and API of inventory's models."""

from core.resources import Resource, register
from inventory import attributes as attributes  # registers the attribute of addresses
from inventory.models import (
    Dependency,
    Device,
    DeviceRole,
    DeviceType,
    Interface,
    IPAddress,
    Location,
    Manufacturer,
    Platform,
    Service,
    Site,
)


@register
class SiteResource(Resource):
    """Buildings, campuses and data centers with an address of their own. Devices stand at one."""

    model = Site
    columns = ("name", "status", "devices", "locations", "time_zone", "description", "tags")
    fields = (
        ("Site", ("name", "status", "description")),
        ("Where", ("address", "time_zone")),
    )
    filters = ("status", "tags")
    search = ("name", "description", "address")
    natural_key = ("name",)
    icon = "building"


@register
class LocationResource(Resource):
    """Floors, rooms and cages of a site, one in another as they are."""

    model = Location
    columns = ("name", "site", "parent", "devices", "description", "tags")
    fields = ("name", "site", "parent", "description")
    filters = ("site", "parent", "tags")
    search = ("name", "description", "site__name")
    natural_key = ("name", "site", "parent")
    icon = "map-pin"


@register
class ManufacturerResource(Resource):
    """Who makes the hardware. Device types and platforms name one."""

    model = Manufacturer
    columns = ("name", "device_types", "platforms", "tags")
    fields = ("name",)
    filters = ("tags",)
    search = ("name",)
    natural_key = ("name",)
    icon = "building-factory-2"


@register
class DeviceTypeResource(Resource):
    """Models of hardware, so that all devices of one kind are found at once."""

    model = DeviceType
    columns = ("model", "manufacturer", "part_number", "height_units", "devices", "tags")
    fields = ("manufacturer", "model", "part_number", "height_units")
    filters = ("manufacturer", "tags")
    search = ("model", "part_number", "manufacturer__name")
    natural_key = ("manufacturer", "model")
    icon = "box-model-2"


@register
class DeviceRoleResource(Resource):
    """What devices are for: core switch, firewall, hypervisor. Default checks and rules go by it."""

    model = DeviceRole
    columns = ("name", "kind", "devices", "description", "tags")
    fields = ("name", "kind", "color", "description")
    filters = ("kind", "tags")
    search = ("name", "description")
    natural_key = ("name",)
    icon = "category"


@register
class PlatformResource(Resource):
    """The operating systems of devices. Default checks and rules go by it."""

    model = Platform
    columns = ("name", "key", "manufacturer", "devices", "tags")
    fields = ("name", "key", "manufacturer")
    filters = ("manufacturer", "tags")
    search = ("name", "key", "manufacturer__name")
    natural_key = ("name",)
    icon = "terminal-2"


@register
class DeviceResource(Resource):
    """What you own and watch. Given an address and a credential, its interfaces and sensors are found."""

    model = Device
    columns = ("name", "status", "role", "site", "device_type", "address", "serial", "tags")
    fields = (
        ("Device", ("name", "status", "role", "device_type", "platform", "os_version")),
        ("Where", ("site", "location")),
        ("Reached at", ("address", "credential")),
        ("Owned as", ("serial", "asset_tag", "description", "notes")),
    )
    filters = ("status", "role", "site", "location", "device_type", "platform", "tags")
    search = ("name", "serial", "asset_tag", "address", "description")
    natural_key = ("name", "site")
    detail_template = "inventory/device_detail.html"
    icon = "server"


@register
class InterfaceResource(Resource):
    """The ports of devices. A device that is polled by SNMP or has an agent brings its own."""

    model = Interface
    columns = ("name", "device", "alias", "oper_up", "admin_up", "speed", "mac", "last_change", "tags")
    fields = (
        ("Interface", ("device", "name", "alias", "description", "type", "admin_up")),
        ("Link", ("mac", "speed", "mtu", "if_index", "oper_up")),
    )
    read_only = ("last_change",)
    filters = ("device", "device__site", "oper_up", "admin_up", "type", "tags")
    search = ("name", "alias", "mac")
    natural_key = ("device", "name")
    detail_template = "inventory/interface_detail.html"
    icon = "plug-connected"


@register
class IPAddressResource(Resource):
    """Addresses on interfaces, or reserved. A device that is polled or has an agent brings its own."""

    model = IPAddress
    columns = ("address", "status", "interface__device", "interface", "dns_name", "description", "tags")
    fields = ("address", "status", "interface", "dns_name", "description")
    filters = ("address", "status", "interface__device", "tags")
    search = ("address", "dns_name")
    natural_key = ("address", "interface")
    icon = "network"


@register
class ServiceResource(Resource):
    """What the business calls by name, such as mail. Say what it needs: outages then tell whom they hit."""

    model = Service
    columns = ("name", "criticality", "owner", "depends_on", "dependents", "description", "tags")
    fields = ("name", "criticality", "owner", "description")
    filters = ("criticality", "tags")
    search = ("name", "owner", "description")
    natural_key = ("name",)
    icon = "apps"


@register
class DependencyResource(Resource):
    """What needs what. An outage then explains the alerts behind it, and tells which services it hits."""

    model = Dependency
    columns = ("id", "description", "tags", "updated_at")
    fields = (
        ("What depends", ("device", "service")),
        ("On what", ("on_device", "on_service")),
        ("", ("description",)),
    )
    filters = ("device", "service", "on_device", "on_service", "tags")
    search = ("description", "device__name", "service__name", "on_device__name", "on_service__name")
    natural_key = ("device", "service", "on_device", "on_service")
    icon = "sitemap"
