package import Logging

/// Where CacheKit tells of its decisions, at the level `debug`: silent unless a program asks for it.
package enum CacheLog {
  package static let logger = Logger(label: "cachekit")
}
