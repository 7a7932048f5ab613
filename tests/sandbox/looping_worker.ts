/**
 * Runs a guest in a Worker, has it loop, and says what becomes of it and of the transfer beside it. A program
 * of its own, because the loop ends only with its process.
 *
 * @module
 */

import { eventually } from "../support/eventually.ts";
import { startEchoServer } from "../support/servers.ts";
import { hostGuests } from "./hosting.ts";
import { startTransfer } from "./transfer.ts";

await using echo = startEchoServer();
const hosting = await hostGuests([{
  name: "hostile",
  module: import.meta.resolve("../fixtures/guests/misbehaving.ts"),
  parameters: { isolation: "worker", "guest-timeout": "250" },
}], {
  silence: 500,
  others: [{
    name: "good",
    protocol: "pass",
    parameters: { "target.ip": "127.0.0.1", "target.port": `${echo.port}` },
  }],
});
const transfer = await startTransfer(hosting.port("good"));
const client = await Deno.connect({ hostname: "127.0.0.1", port: hosting.port("hostile") });
await client.write(new TextEncoder().encode("go endless loop\n"));
const answer = await client.read(new Uint8Array(9));
console.log("answer", answer);
const hostile = () => hosting.multiplexer.backends.find(({ spec }) => spec.name === "hostile")!;
await eventually(() => hostile().health.state === "Unhealthy", {
  timeout: 10_000,
  what: "the health to change",
});
await eventually(() => hosting.log().some((line) => line.startsWith("error")), { timeout: 15_000 });
await transfer.stop();
console.log("transferred", transfer.bytes > 0);
for (const line of hosting.log().filter((line) => /^(warn|error)/.test(line))) console.log(line);
await hosting[Symbol.asyncDispose]();
console.log("stopped");
Deno.exit(0);
