/** What an outbox needs of a way to a gateway: MQTT, a folder, or memory. */

export type UplinkMessage =
  | { kind: 'receipt'; bytes: Uint8Array }
  | {
      kind: 'refusal';
      seq: number;
      /** As the gateway names it, such as LICENCE_SUSPENDED. Not signed: a hint for people, never a reason to forget. */
      code: string;
      reason: string;
    };

export interface UplinkPort {
  /**
   * Hands one pack over. A promise resolves when the next hop has it, which says nothing of the gateway.
   * Rejects or throws while the way is down; nothing is queued.
   */
  send(seq: number, bytes: Uint8Array): Promise<void> | void;
  onMessage(receive: (message: UplinkMessage) => void): void;
  /** Called each time the way opens; at once when it is open already. */
  onUp(up: () => void): void;
  onDown(down: () => void): void;
}
