import CPlatform

/// The signals by which somebody asks a command to stop.
package enum InterruptSignal {
  /// From now on the first of them is noted, and a byte is written to `bell`; the second one ends the program.
  package static func note(_ number: CInt, bell: CInt) { cplatform_interrupt_on(number, bell) }

  /// The one that came; `nil` for none.
  package static var received: CInt? {
    let number = cplatform_interrupt_received()
    return number == 0 ? nil : number
  }
}
