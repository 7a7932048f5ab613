import { eventually } from "../support/eventually.ts";

/** One answer to a client, and who sent it. */
export interface Answer {
  readonly message: Uint8Array;
  readonly from: string;
}

/** A UDP client on a port of its own that keeps what it is sent. */
export class UdpClient implements AsyncDisposable {
  /** What came, in the order in which it did. */
  readonly answers: Answer[] = [];
  readonly #socket: Deno.DatagramConn;
  readonly #receiving: Promise<void>;
  #taken = 0;

  /** A client at this address. */
  constructor({ hostname = "127.0.0.1" }: { readonly hostname?: string } = {}) {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    this.#receiving = this.#receive();
  }

  /** Its port. */
  get port(): number {
    return (this.#socket.addr as Deno.NetAddr).port;
  }

  /** Sends one datagram. */
  async send(message: Uint8Array, to: { readonly port: number; readonly hostname?: string }): Promise<void> {
    const { hostname = "127.0.0.1", port } = to;
    await this.#socket.send(message, { transport: "udp", hostname, port });
  }

  /** The next answer that was not asked for yet. */
  async next(): Promise<Answer> {
    const answer = await eventually(() => this.answers[this.#taken], { what: "an answer" });
    this.#taken++;
    return answer;
  }

  /** Sends one datagram and waits for its answer. */
  async ask(message: Uint8Array, to: { readonly port: number; readonly hostname?: string }): Promise<Answer> {
    await this.send(message, to);
    return await this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#receiving;
  }

  async #receive(): Promise<void> {
    for await (const [message, from] of this.#socket) {
      const { hostname, port } = from as Deno.NetAddr;
      this.answers.push({ message, from: `${hostname}:${port}` });
    }
  }
}
