import Testing

@testable import CacheGround
@testable import CacheIndex

@Suite("Secrets in command lines")
struct SecretArgumentsTests {
  @Test(
    "K6: of a secret's argument all is masked, to where the kernel says that it ends",
    arguments: [
      (["--password", "LEAK two LEAK", "build"], "--password *** build"),
      (["WIFI_PASS=LEAK LEAK"], "WIFI_PASS=***"),
      (["--cookie", "sid=1; x=LEAK"], "--cookie ***"),
      (["sh", "-c", "TOKEN=$(echo LEAK) make LEAK"], "sh -c TOKEN=***"),
      ([#"-DWIFI_PASSWORD=\"LEAK\""#], "-DWIFI_PASSWORD=***"),
      (["--pat", "LEAK", "--pw", "LEAK"], "--pat *** --pw ***"),
      (["curl", "-H", "Authorization: Bearer LEAK"], "curl -H Authorization:***"),
      (["--password=LEAK LEAK", "x"], "--password=*** x"),
      (["A=1", "B=2;API_KEY='LEAK"], "A=1 B=2;API_KEY=***"),
    ] as [([String], String)])
  func masked(arguments: [String], text: String) {
    #expect(SecretArguments.masked(arguments).joined(separator: " ") == text)
  }

  @Test(
    "what is no secret stays",
    arguments: [
      ["fbuild", "build", "-e", "esp32s3"], ["--jobs", "8", "PATH=/bin", "token"],
      ["x=y", "https://example.com/a?b=c", "--token"], ["/opt/keys/a.so:/b", "--keep=3"], [],
    ])
  func plain(arguments: [String]) {
    #expect(SecretArguments.masked(arguments) == arguments)
  }

  @Test("K6: an HMAC in a token of a URL is found in each copy of its end")
  func hmac() {
    for text in ["*~hmac=HMACSECRET", "https://h/x?hdnea=exp=1~acl=/*~hmac=HMACSECRET"] {
      #expect(!SecretPattern.masked(text).contains("HMACSECRET"), "\(text)")
    }
  }

  @Test("a process tells its command with and without secrets")
  func process() {
    let process = ProcessFacts(
      pid: 1, startedAt: nil, name: "fbuild", arguments: ["fbuild", "--token", "a b"], uid: 0)
    #expect(process.command == "fbuild --token a b")
    #expect(process.maskedCommand == "fbuild --token ***")
  }
}
