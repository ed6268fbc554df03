public import ArgumentParser
public import CacheKit

// Values of the core as the command line spells them.
extension EntryColumn: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(name: argument)
  }
}
extension LeaseVerdict: ExpressibleByArgument {}
