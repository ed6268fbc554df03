import Glibc
import Testing

@testable import CacheGround
@testable import CacheIndex
@testable import CacheKit

@Suite("Daemons that say nothing that counts")
struct DaemonSilenceTests {
  @Test("what answers like no daemon is strange, what does not answer is slow")
  func silence() throws {
    let strange = try HostileServer { _, connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n<>")
    }
    defer { strange.stop() }
    let said = DaemonSurvey.ask(.init(port: strange.port, seconds: 30))
    #expect(said.silence == .strange && said.answer == nil)
    let slow = try HostileServer { request, connection in
      // Its health alone is told; for the rest it waits for an end that comes with ours.
      guard request.target != "/health" else {
        return connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
      }
      var byte: UInt8 = 0
      _ = recv(connection.descriptor, &byte, 1, 0)
    }
    defer { slow.stop() }
    #expect(DaemonSurvey.ask(.init(port: slow.port, seconds: 0.2)).silence == .slow)
    let requests = slow.requests.count
    #expect(DaemonSurvey.ask(.init(port: slow.port, seconds: 0)).silence == .slow)
    #expect(slow.requests.count == requests, "there is no time left to ask")
  }
}
