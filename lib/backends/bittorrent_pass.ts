/**
 * `bittorrent-pass`: hands BitTorrent traffic to a target, and lets everything else go by. It is `pass` with
 * `detect=bittorrent`: the peer wire protocol over TCP; uTP, tracker and DHT messages over UDP.
 *
 *     torrent:bittorrent-pass:target.ip=127.0.0.1,target.port=6881
 *
 * @module
 */

import type { BackendModule } from "../routing/backend_module.ts";
import pass from "./pass.ts";

/** The backend module. */
const module: BackendModule = { ...pass, protocol: "bittorrent-pass", matchers: { detect: "bittorrent" } };
export default module;
