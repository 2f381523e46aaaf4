/** A gateway as a process of its own, for a test to kill: BROKER_URL LEDGER SAMPLES. Prints `ready` once it serves. */
import { repeat, SampleStore, serveGateway } from '../../../tools/gateway/index.ts';
import { loneDevice } from './fleet-of-one.ts';
import { gatewayWorld } from './packs.ts';

const [brokerUrl, ledgerPath, samples] = process.argv.slice(2);
const { trust, gateway, ledger } = gatewayWorld(ledgerPath);
trust.setDevice(loneDevice.kid);
await serveGateway({ gateway, brokerUrl, protocolVersion: 4, reconnectMs: 50 });
// As often as it goes, so that some of the kills come while files are written.
const store = new SampleStore({ ledger, folder: samples });
repeat(
  5,
  () => store.flush(),
  (error) => {
    throw error;
  },
);
process.stdout.write('ready\n');
