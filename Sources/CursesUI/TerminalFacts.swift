internal import CTerminal

/// What this host knows of terminals, without taking one over.
package enum TerminalFacts {
  /// True where there is a description of that name by which the cursor can be moved.
  package static func isKnown(_ term: String) -> Bool { ct_knows(term) == 1 }

  /// True where the environment's locale has UTF-8, or names none.
  package static var isUTF8: Bool { ct_is_utf8() == 1 }
}
