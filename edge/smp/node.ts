/** The transports of an SMP server that need Node. */
export { listenTcpSmp, type TcpSmpOptions } from './node-tcp.ts';
export { listenUdpSmp, smpUdpPort, type UdpSmpListener, type UdpSmpOptions } from './node-udp.ts';
