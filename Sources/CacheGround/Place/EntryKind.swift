/// The kinds that fbuild knows; any other kind makes real fbuild stop its GC.
public enum EntryKind: String, Sendable, CaseIterable {
  case packages
  case toolchains
  case platforms
  case libraries
  case frameworks
  case lnkBlobs = "lnk-blobs"
}
