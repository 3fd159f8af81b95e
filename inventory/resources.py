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
    model = Location
    columns = ("name", "site", "parent", "devices", "description", "tags")
    fields = ("name", "site", "parent", "description")
    filters = ("site", "parent", "tags")
    search = ("name", "description", "site__name")
    natural_key = ("name", "site", "parent")
    icon = "map-pin"


@register
class ManufacturerResource(Resource):
    model = Manufacturer
    columns = ("name", "device_types", "platforms", "tags")
    fields = ("name",)
    filters = ("tags",)
    search = ("name",)
    natural_key = ("name",)
    icon = "building-factory-2"


@register
class DeviceTypeResource(Resource):
    model = DeviceType
    columns = ("model", "manufacturer", "part_number", "height_units", "devices", "tags")
    fields = ("manufacturer", "model", "part_number", "height_units")
    filters = ("manufacturer", "tags")
    search = ("model", "part_number", "manufacturer__name")
    natural_key = ("manufacturer", "model")
    icon = "box-model-2"


@register
class DeviceRoleResource(Resource):
    model = DeviceRole
    columns = ("name", "devices", "description", "tags")
    fields = ("name", "color", "description")
    filters = ("tags",)
    search = ("name", "description")
    natural_key = ("name",)
    icon = "category"


@register
class PlatformResource(Resource):
    model = Platform
    columns = ("name", "key", "manufacturer", "devices", "tags")
    fields = ("name", "key", "manufacturer")
    filters = ("manufacturer", "tags")
    search = ("name", "key", "manufacturer__name")
    natural_key = ("name",)
    icon = "terminal-2"


@register
class DeviceResource(Resource):
    model = Device
    columns = ("name", "status", "role", "site", "device_type", "platform", "address", "serial", "tags")
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
    model = IPAddress
    columns = ("address", "status", "interface__device", "interface", "dns_name", "description", "tags")
    fields = ("address", "status", "interface", "dns_name", "description")
    filters = ("address", "status", "interface__device", "tags")
    search = ("address", "dns_name")
    natural_key = ("address", "interface")
    icon = "network"


@register
class ServiceResource(Resource):
    model = Service
    columns = ("name", "criticality", "owner", "depends_on", "dependents", "description", "tags")
    fields = ("name", "criticality", "owner", "description")
    filters = ("criticality", "tags")
    search = ("name", "owner", "description")
    natural_key = ("name",)
    icon = "apps"


@register
class DependencyResource(Resource):
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
