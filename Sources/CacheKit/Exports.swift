// `import CacheKit` is enough: the types that its API names come along, wherever they live. No file
// beside this one imports the targets below.
@_exported public import CacheGround
@_exported public import CacheIndex
@_exported public import CacheLinks
