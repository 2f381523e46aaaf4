import { useEffect, useRef, useState } from 'preact/hooks';
import type { PlanSignal } from '../../../edge/decode/index.ts';
import type { Series } from './analysis/protocol.ts';
import { countText, labelText, valueText } from './view/format.ts';
import { createScale, type Scale } from './view/scale.ts';

interface PlotProps {
  signal: PlanSignal;
  series: Series | undefined;
  /** End of the log, seconds since its first frame. */
  endS: number;
}

const height = 232;
const margin = { top: 12, right: 12, bottom: 24, left: 56 };

/** One signal over time. A cursor reads it off: pointer, or arrow keys, Page up and down, Home and End. */
export function Plot({ signal, series, endS }: PlotProps) {
  const [width, frame] = useWidth();
  const [cursor, setCursor] = useState<number>();
  const count = series?.timeS.length ?? 0;
  const at = cursor === undefined || count === 0 ? undefined : Math.min(cursor, count - 1);
  const readout = series && at !== undefined ? pointText(signal, series, at) : summaryText(series);
  return (
    <figure class="plot" ref={frame}>
      <figcaption>
        <strong>{signal.name}</strong> {signal.unit && <span class="quiet">{signal.unit}</span>}
        <output>{readout}</output>
      </figcaption>
      {series && count > 0 && (
        <div
          class="plot-area"
          role="slider"
          tabIndex={0}
          aria-label={`${signal.name} over time`}
          aria-valuemin={0}
          aria-valuemax={count - 1}
          aria-valuenow={at ?? 0}
          aria-valuetext={readout}
          onKeyDown={(event) => {
            const next = movedCursor(event.key, at ?? 0, count);
            if (next === undefined) return;
            event.preventDefault();
            setCursor(next);
          }}
          onPointerMove={(event) => {
            const { left } = event.currentTarget.getBoundingClientRect();
            setCursor(nearest(series.timeS, timeAt(event.clientX - left, width, endS)));
          }}
          onPointerLeave={() => setCursor(undefined)}
        >
          <Curve signal={signal} series={series} endS={endS} width={width} at={at} />
        </div>
      )}
    </figure>
  );
}

interface CurveProps {
  signal: PlanSignal;
  series: Series;
  endS: number;
  width: number;
  /** Where the cursor stands: a point of the series. */
  at: number | undefined;
}

function Curve({ signal, series, endS, width, at }: CurveProps) {
  const { timeS, value } = series;
  const x = createScale([0, endS], [margin.left, width - margin.right], width / 90);
  const y = createScale(rangeOf(value), [height - margin.bottom, margin.top], 5, Math.abs(signal.scale));
  return (
    <svg width={width} height={height} aria-hidden="true">
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={margin.left} x2={width - margin.right} y1={y.at(tick)} y2={y.at(tick)} />
          <text class="tick" x={margin.left - 6} y={y.at(tick) + 4} text-anchor="end">
            {tickText(tick, y.decimals)}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <text key={tick} class="tick" x={x.at(tick)} y={height - 6} text-anchor="middle">
          {tick.toFixed(x.decimals)} s
        </text>
      ))}
      <path class={`curve hue-${signal.slot % 10}`} d={pathOf(series, x, y, signal.labels.length > 0)} />
      {at !== undefined && (
        <>
          <line class="cursor" x1={x.at(timeS[at])} x2={x.at(timeS[at])} y1={margin.top} y2={height - margin.bottom} />
          <circle class="cursor-point" cx={x.at(timeS[at])} cy={y.at(value[at])} r={4} />
        </>
      )}
    </svg>
  );
}

/** States hold until the next frame, so they are drawn in steps; quantities are joined. */
function pathOf({ timeS, value }: Series, x: Scale, y: Scale, isStepped: boolean): string {
  const parts: string[] = [];
  for (let at = 0; at < timeS.length; at++) {
    const across = x.at(timeS[at]).toFixed(1);
    const down = y.at(value[at]).toFixed(1);
    if (at === 0) parts.push(`M${across} ${down}`);
    else parts.push(isStepped ? `H${across}V${down}` : `L${across} ${down}`);
  }
  // A single frame is a point: a line of no length has round ends.
  if (timeS.length === 1) parts.push('h0');
  return parts.join('');
}

function tickText(tick: number, decimals: number): string {
  const isLong = Math.abs(tick) >= 1e6 || decimals > 5;
  return isLong ? String(Number(tick.toPrecision(4))) : tick.toFixed(decimals);
}

function rangeOf(values: Float64Array): [number, number] {
  let low = values[0];
  let high = values[0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function timeAt(pixel: number, width: number, endS: number): number {
  return ((pixel - margin.left) / (width - margin.left - margin.right)) * endS;
}

/** The point whose time is closest: a look at all of them, since a log may go back in time. */
function nearest(timeS: Float64Array, wanted: number): number {
  let best = 0;
  for (let at = 1; at < timeS.length; at++) {
    if (Math.abs(timeS[at] - wanted) < Math.abs(timeS[best] - wanted)) best = at;
  }
  return best;
}

function movedCursor(key: string, at: number, count: number): number | undefined {
  const page = Math.max(1, Math.round(count / 10));
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -page,
    PageUp: page,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  return step === undefined ? undefined : Math.max(0, Math.min(count - 1, at + step));
}

function pointText(signal: PlanSignal, { timeS, value }: Series, at: number): string {
  const label = labelText(value[at], signal);
  const unit = signal.unit && ` ${signal.unit}`;
  return `${timeS[at].toFixed(3)} s: ${valueText(value[at], signal)}${unit}${label ? ` (${label})` : ''}`;
}

function summaryText(series: Series | undefined): string {
  if (series === undefined) return '';
  return series.pointCount === 0 ? 'the log has no value of it' : `${countText(series.pointCount)} values`;
}

/** The width an element has now, in pixels, and what to put on it. */
function useWidth() {
  const element = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(320);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(160, Math.floor(entry.contentRect.width))));
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [width, element] as const;
}
