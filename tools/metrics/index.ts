export { formatHttpAddress, type HttpAddress, parseHttpAddress } from './address.ts';
export { type Health, type HealthReason, type HttpOptions, type HttpServer, serveHttp } from './http.ts';
export { type Labels, Metrics, type ReadMetric, type Sample } from './metrics.ts';
export { addProcessMetrics } from './process-metrics.ts';
