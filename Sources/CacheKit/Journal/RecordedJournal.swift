extension RecordedCache {
  /// The changes as a journal shows them; none of them can be taken back here.
  public var journalContents: JournalContents {
    var contents = JournalContents()
    contents.lines = journal.enumerated().map { place, line in
      JournalLine(
        id: String(place), time: line.time, user: line.user, cache: RawText(path: location.root),
        command: line.command, change: IndexChange(undoObstacle: "this is a snapshot"))
    }
    return contents
  }
}
