/** Whether memory grows: a line through the least values of each window, for a collector leaves saw teeth. */
export interface Point {
  seconds: number;
  value: number;
}

/** The least value of each of `windows` equal stretches of time. */
export function floors(points: readonly Point[], windows: number): Point[] {
  if (points.length === 0) return [];
  const from = points[0].seconds;
  const width = (points[points.length - 1].seconds - from) / windows || 1;
  const least: (Point | undefined)[] = Array.from({ length: windows }, () => undefined);
  for (const point of points) {
    const window = Math.min(windows - 1, Math.floor((point.seconds - from) / width));
    if (point.value < (least[window]?.value ?? Number.POSITIVE_INFINITY)) least[window] = point;
  }
  return least.filter((point) => point !== undefined);
}

/** Of the least-squares line, in value a minute; 0 for fewer than two points. */
export function slopePerMinute(points: readonly Point[]): number {
  const meanOf = (pick: (point: Point) => number) => points.reduce((sum, p) => sum + pick(p), 0) / points.length;
  const seconds = meanOf((point) => point.seconds);
  const value = meanOf((point) => point.value);
  const spread = points.reduce((sum, point) => sum + (point.seconds - seconds) ** 2, 0);
  const product = points.reduce((sum, point) => sum + (point.seconds - seconds) * (point.value - value), 0);
  return spread > 0 ? (60 * product) / spread : 0;
}
