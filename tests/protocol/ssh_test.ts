import { assertEquals } from "@std/assert";
import { sshDetector } from "../../lib/protocol/ssh.ts";
import { bytesOf, decide } from "../support/verdicts.ts";

Deno.test({
  name: "ssh: a version is decided by its last dash",
  permissions: "none",
  fn(): void {
    const judge = (bytes: Uint8Array) => sshDetector.detect(bytes);
    assertEquals(decide(judge, bytesOf("SSH-2.0-x\r\n")), { verdict: "match", after: 8 });
    assertEquals(decide(judge, bytesOf("SSH-1.99-x\r\n")), { verdict: "match", after: 9 });
    assertEquals(decide(judge, bytesOf("SSH-1.5-x\n")), { verdict: "mismatch", after: 7 });
    assertEquals(decide(judge, bytesOf("SSH-2.1-x\n")), { verdict: "mismatch", after: 7 });
    assertEquals(decide(judge, bytesOf("ssh-2.0-")), { verdict: "mismatch", after: 1 });
  },
});

Deno.test({
  name: "ssh: the identification is a fact once its line has ended",
  permissions: "none",
  fn(): void {
    const facts = (text: string) => sshDetector.facts?.(bytesOf(text));
    assertEquals(facts("SSH-2.0-OpenSSH_9.2 Debian\r\nmore"), {
      "ssh.version": "SSH-2.0-OpenSSH_9.2 Debian",
    });
    assertEquals(facts("SSH-2.0-bare\n"), { "ssh.version": "SSH-2.0-bare" });
    assertEquals(facts("SSH-2.0-Open"), {});
    assertEquals(facts(`SSH-2.0-${"x".repeat(300)}\r\n`), {});
  },
});
