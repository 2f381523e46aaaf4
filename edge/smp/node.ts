/** The transports of SMP that need Node: of a server, and of a client. */
export { openUdpSmp } from './client/node-udp.ts';
export { listenTcpSmp, type TcpSmpOptions } from './node-tcp.ts';
export { listenUdpSmp, smpUdpPort, type UdpSmpListener, type UdpSmpOptions } from './node-udp.ts';
