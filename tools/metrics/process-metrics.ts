import type { Metrics } from './metrics.ts';

/** What Prometheus' own client libraries tell of a process, under the names they use. */
export function addProcessMetrics(metrics: Metrics): Metrics {
  const startSeconds = (Date.now() - process.uptime() * 1000) / 1000;
  return metrics
    .counter('process_cpu_seconds_total', 'Processor time spent, in user and system mode.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    })
    .gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss())
    .gauge('process_start_time_seconds', 'Unix time at which the process started.', () => startSeconds)
    .gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
}
