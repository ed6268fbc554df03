extension ActionContext {
  /// Runs a change of the cache with the rights of the cache's owner, where root runs it.
  func asOwner<Value>(_ body: () throws(CacheError) -> Value) throws(CacheError) -> Value {
    try ActingUser.with(location.root, body)
  }
}
