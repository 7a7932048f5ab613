import { assertEquals } from "@std/assert";
import {
  isSslRequest,
  parsePostgresStartup,
  postgresDetector,
  SSL_REQUEST,
} from "../../lib/protocol/postgres.ts";
import { securePackets } from "../fixtures/protocol/packets_secure.ts";
import { bytesOf, decide, join, present, verdictOf } from "../support/verdicts.ts";

function recorded(name: string): Uint8Array {
  const packet = securePackets.find((packet) => packet.protocol === "postgres" && packet.name === name);
  return Uint8Array.fromHex(present(packet).hex);
}

function startup(parameters: string, { minor = 0 }: { readonly minor?: number } = {}): Uint8Array {
  const length = 8 + parameters.length;
  return join(
    Uint8Array.of(0, 0, length >> 8, length & 0xff, 0, 3, minor >> 8, minor & 0xff),
    bytesOf(parameters),
  );
}

Deno.test({
  name: "a recorded startup message gives its facts",
  permissions: "none",
  fn() {
    const bytes = recorded("psql 15, startup");
    assertEquals(postgresDetector.facts?.(bytes), { "postgres.user": "alice", "postgres.database": "shop" });
    assertEquals(decide(postgresDetector.detect, bytes), { verdict: "match", after: 9 });
    const decision = decide(verdictOf(parsePostgresStartup), join(bytes, bytesOf("Q")));
    assertEquals(decision, { verdict: "match", after: bytes.length });
    assertEquals(parsePostgresStartup(bytes).startup?.parameters.get("application_name"), "psql");
  },
});

Deno.test({
  name: "the database is the user's unless named",
  permissions: "none",
  fn() {
    const { startup: parsed } = parsePostgresStartup(startup("user\0alice\0options\0\0\0", { minor: 2 }));
    assertEquals([parsed?.user, parsed?.database, parsed?.parameters.get("options")], ["alice", "alice", ""]);
  },
});

for (const name of ["psql 15, SSLRequest", "GSSENCRequest", "CancelRequest"]) {
  Deno.test({
    name: `a request before the startup message is recognised, and says nothing: ${name}`,
    permissions: "none",
    fn() {
      const bytes = recorded(name);
      assertEquals(decide(postgresDetector.detect, bytes), { verdict: "match", after: 8 });
      assertEquals(postgresDetector.facts?.(bytes), {});
      assertEquals(parsePostgresStartup(bytes).verdict, "mismatch");
      assertEquals(isSslRequest(bytes), name === "psql 15, SSLRequest");
    },
  });
}

Deno.test({
  name: "an SSLRequest has to be there as a whole",
  permissions: "none",
  fn() {
    assertEquals(isSslRequest(SSL_REQUEST.subarray(0, 7)), false);
    assertEquals(isSslRequest(join(SSL_REQUEST, Uint8Array.of(0x16))), true);
  },
});

for (
  const [what, hex, after] of [
    ["a large message", "01", 1],
    ["a message above the server's limit", "00002711", 4],
    ["a message above the server's limit, by its third byte", "000028", 3],
    ["a message without code", "00000007", 4],
    ["protocol 2", "0000002000020000", 6],
    ["Kafka", "0000002000120003", 6],
    ["another code of the requests", "0000000804d21631", 8],
    ["an SSLRequest that is too long", "0000000904d2162f", 8],
    ["a CancelRequest that is too short", "0000000c04d2162e", 8],
    ["a CancelRequest that is too long", "0000021004d2162e", 8],
    ["Kafka's Metadata", "000000200003000000000001", 9],
    ["a startup message without parameters", "0000000900030000", 8],
  ] as const
) {
  Deno.test({
    name: `${what} is not PostgreSQL, after ${after} bytes`,
    permissions: "none",
    fn() {
      const bytes = Uint8Array.fromHex(hex);
      assertEquals(decide(postgresDetector.detect, bytes), { verdict: "mismatch", after });
      assertEquals(verdictOf(parsePostgresStartup)(bytes), after === 9 ? "incomplete" : "mismatch");
    },
  });
}

for (
  const [what, parameters] of [
    ["no user", "database\0shop\0\0"],
    ["a name without value", "user\0alice\0database\0\0"],
    ["no end", "user\0alice\0database\0shop\0"],
    ["an empty name in between", "user\0alice\0\0shop\0\0"],
  ] as const
) {
  Deno.test({
    name: `a startup message with ${what} is malformed`,
    permissions: "none",
    fn() {
      assertEquals(parsePostgresStartup(startup(parameters)).verdict, "mismatch");
    },
  });
}
