// What stands on this target sees its ground as well: no file beside this one imports it.
@_exported public import CacheIndex
