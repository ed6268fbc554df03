import CPlatform

/// The memory of the whole program.
public enum ProgramMemory {
  /// Gives freed lists back to the kernel at once. For programs, at their start: a library leaves the
  /// allocator alone.
  public static func settle() { cplatform_memory_settle() }
}
