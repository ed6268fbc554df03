internal import CacheKit
internal import SystemPackage
internal import TUI

extension CacheProject {
  /// In a word or two, the worst first.
  func state(_ glyphs: Glyphs, isLosing: Bool) -> CellText {
    let toFetch = packages?.packages.count { !$0.isThere } ?? 0
    if broken > 0 { return CellText("\(glyphs.bad) \(broken) broken", .bad) }
    if missing + toFetch > 0 {
      return CellText("\(glyphs.warn) \(missing + toFetch) missing", .warn)
    }
    if isLosing { return CellText("\(glyphs.warn) GC takes of it", .warn) }
    guard there > 0 || packages != nil else { return CellText("no pointer", .dim) }
    return CellText("\(glyphs.ok) all there", .ok)
  }
}

extension HostRoom {
  func projectLines(_ project: CacheProject, _ loss: String?) -> [DetailLine] {
    [.pair("pointers", project.linkWords)] + (loss.map { [DetailLine($0, .warn)] } ?? [])
      + packageLines(project)
  }

  private func packageLines(_ project: CacheProject) -> [DetailLine] {
    guard let packages = project.packages?.packages else {
      return [DetailLine("f asks fbuild which toolchains and frameworks it needs", .dim)]
    }
    guard !packages.isEmpty else { return [DetailLine("fbuild says that it needs no package")] }
    let alone =
      project.packages?.isOfDefaultAlone == true
      ? [DetailLine("of its default environment alone: fbuild cannot read another one", .dim)] : []
    return alone + packages.map { DetailLine($0.words, $0.isThere ? .text : .warn) }
  }

  private var selectedProject: CacheProject? {
    if case .project(let project, _)? = row(table.selected) { project } else { nil }
  }

  func askObstacle(in house: House) -> String? {
    if let reason = house.readOnlyReason { return "read-only: \(reason)" }
    return selectedProject == nil ? "no project here" : nil
  }

  /// `f`: fbuild says what the project needs, after a question: it opens the index for writing.
  mutating func askFbuild(_ key: Key, in house: inout House) -> Effect<Work> {
    guard let project = selectedProject else { return .none }
    let change = Change.askFbuild(project.folder)
    house.show(
      Dialog(
        title: "Ask fbuild what the project needs?",
        lines: [
          .init(Format.path(project.folder)), .init(""),
          .init(
            "Effect: fbuild runs in it with install --check, for up to a minute. It fetches nothing, and "
              + "marks the packages that are there as used now, which changes the order of GC."),
        ],
        commands: change.commands(cacheOption: house.settings.cacheOption), action: change,
        tier: .confirm(key: "a", label: "Ask"), openedBy: key, at: house.clock))
    return .flushInput
  }
}
