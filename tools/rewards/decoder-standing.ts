/** Whether a decoder might be used at a past second, from its events: the diagram of IDecoderRegistry, in views' terms. */

export interface DecoderStanding {
  /** Retired or revoked, for good. */
  ended: boolean;
  /** Unix seconds; 0 where it is not suspended. */
  suspendedUntil: number;
  /** Unix seconds; none where it was not deprecated. */
  graceEnds?: number;
}

export type DecoderEvent =
  | { kind: 'deprecated'; graceEnds: number }
  | { kind: 'suspended'; until: number }
  | { kind: 'reinstated' }
  | { kind: 'ended' };

export function stepDecoder(standing: DecoderStanding, event: DecoderEvent): DecoderStanding {
  switch (event.kind) {
    case 'deprecated':
      return { ...standing, graceEnds: event.graceEnds };
    case 'suspended':
      return { ...standing, suspendedUntil: event.until };
    case 'reinstated':
      return { ...standing, suspendedUntil: 0 };
    case 'ended':
      return { ...standing, ended: true };
  }
}

/** Suspensions and grace end by themselves. */
export function isActiveAt({ ended, suspendedUntil, graceEnds }: DecoderStanding, unixSeconds: number): boolean {
  return !ended && unixSeconds >= suspendedUntil && (graceEnds === undefined || unixSeconds < graceEnds);
}
