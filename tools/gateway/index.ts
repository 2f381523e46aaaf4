export { type Broker, startBroker } from './broker.ts';
export { Gateway, type GatewayEvent, type GatewayOptions } from './gateway.ts';
export { type DeviceActivity, Ledger, type LedgerPack } from './ledger.ts';
export { type Serving, serveGateway } from './serve.ts';
export { type Refusal, type RefusalCode, verifyPack } from './verify.ts';
