/** What of an SMP server needs Node: its sockets, and the process it speaks for. */
export { processInfo, processMemoryPools, processTasks } from './node-process.ts';
export { listenTcpSmp, type TcpSmpOptions } from './node-tcp.ts';
export { listenUdpSmp, smpUdpPort, type UdpSmpListener, type UdpSmpOptions } from './node-udp.ts';
