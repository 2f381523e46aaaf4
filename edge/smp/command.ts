/** One command of one group, and what it is told of a request. */
import type { SmpBody } from './cbor-read.ts';
import type { SmpFields } from './cbor-write.ts';

export interface SmpRequest {
  body: SmpBody;
  /** Who asks: one name for each console, connection or address. */
  peer: string;
}

/** @throws {SmpRefusal} to answer with an error */
export type SmpHandler = (request: SmpRequest) => SmpFields;

export interface SmpCommand {
  read?: SmpHandler;
  write?: SmpHandler;
}

export interface SmpCommandGroup {
  id: number;
  /** As the enumeration group shows it. */
  name: string;
  /** By command id; a part that the device lacks is left out. */
  commands: Readonly<Record<number, SmpCommand | undefined>>;
}
