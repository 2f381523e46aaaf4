export { type Broker, startBroker } from './broker.ts';
export { type Answer, Gateway, type GatewayEvent, type GatewayOptions, type GatewayStatus } from './gateway.ts';
export { type DeviceActivity, Ledger, type LedgerPack } from './ledger.ts';
export { sampleColumnNames } from './sample-file.ts';
export { SampleStore, type SampleStoreOptions, type WrittenBatch } from './sample-store.ts';
export { type ServeOptions, type Serving, serveGateway } from './serve.ts';
export { encodeSignals } from './signal-set.ts';
export { type Refusal, type RefusalCode, verifyPack } from './verify.ts';
