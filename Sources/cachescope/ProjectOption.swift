import ArgumentParser
import CacheKit
import SystemPackage

/// Whose pointers are looked at beside the cache.
struct ProjectOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Look at the pointers of this project, too; by default at those of the working folder where "
        + "it holds a platformio.ini.", valueName: "dir"))
  var project: PathArgument?

  var folder: FilePath? { project.map { CacheLocation(root: $0.path).root } ?? Self.workingProject }

  /// The working folder, in full, where it looks like a project.
  static var workingProject: FilePath? {
    let folder = CacheLocation(root: ".").root
    return ListLinks.isProject(folder) ? folder : nil
  }
}
