/** What of SMP needs Node: the sockets of server and client, and the process that a server speaks for. */
export { openUdpSmp } from './client/node-udp.ts';
export { processInfo, processMemoryPools, processTasks } from './node-process.ts';
export { listenTcpSmp, type TcpSmpOptions } from './node-tcp.ts';
export { listenUdpSmp, smpUdpPort, type UdpSmpListener, type UdpSmpOptions } from './node-udp.ts';
