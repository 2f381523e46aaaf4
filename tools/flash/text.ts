/** Flashing in words. */
import type { DeviceSlotInfo } from '../../edge/smp/index.ts';
import { printable } from '../dbc/printable.ts';
import { bytesText } from '../progress.ts';
import type { FlashEvent, SlotFacts } from './events.ts';

const hashLength = 12;

/** @returns undefined for what a progress display shows instead */
export function flashText(event: FlashEvent): string | undefined {
  switch (event.event) {
    case 'image': {
      const signature = event.isSignatureChecked
        ? 'hash and signature hold'
        : 'its hash holds (--key checks who signed)';
      const rest = event.bytesLeftOut > 0 ? `; ${event.bytesLeftOut} bytes of padding are left out` : '';
      return `image: ${event.version}, ${event.bytes} bytes, ${event.hash.slice(0, hashLength)}; ${signature}${rest}`;
    }
    case 'device':
      return `device: ${event.device}, ${event.slots.map(slotText).join('; ') || 'no image that boots'}`;
    case 'present':
      return event.active
        ? `upload: nothing to do, ${printable(event.version)} runs already`
        : `upload: nothing to do, ${printable(event.version)} is in slot ${event.slot} already`;
    case 'erased':
      return 'erase: the slot is empty';
    case 'progress':
      return undefined;
    case 'lost':
      return `upload: interrupted at byte ${event.offsetBytes} (${event.reason}); going on when it answers`;
    case 'uploaded':
      return uploadedText(event);
    case 'marked':
      return event.permanent
        ? `next: ${event.version} runs from the next reset on`
        : `next: ${event.version} runs on trial at the next reset`;
    case 'confirmed':
      return event.by === 'us'
        ? `confirmed: ${printable(event.version)} stays`
        : `confirmed: ${printable(event.version)} stays, its self-test passed`;
    case 'reset':
      return 'reset: asked for';
    case 'booted':
      return `booted: ${printable(event.version)}${event.isTrial ? ' on trial' : ''}, ${event.seconds.toFixed(1)} s after the reset`;
  }
}

function uploadedText(event: Extract<FlashEvent, { event: 'uploaded' }>): string {
  const { bytes, resumedAtBytes, seconds, bytesPerSecond, rewinds, connections } = event;
  const more = [
    ...(resumedAtBytes > 0 ? [`resumed at byte ${resumedAtBytes}`] : []),
    ...(connections > 1 ? [`${connections} connections`] : []),
    ...(rewinds > 0 ? [`went back ${rewinds} times`] : []),
  ];
  const rate = `${bytesText(bytesPerSecond)}/s`;
  return `upload: ${bytes} bytes in ${seconds.toFixed(1)} s, ${rate}${more.map((part) => `; ${part}`).join('')}`;
}

/** `slot 0: 1.2.3 (active, confirmed) 3f2a…`. */
export function slotText(slot: SlotFacts): string {
  const flags = (['active', 'confirmed', 'pending', 'permanent'] as const).filter((flag) => slot[flag]);
  if (slot.active && !slot.confirmed) flags.push('on trial' as never);
  if (!slot.bootable) flags.push('not bootable' as never);
  const where = slot.image > 0 ? `image ${slot.image} slot ${slot.slot}` : `slot ${slot.slot}`;
  return `${where}: ${printable(slot.version)}${flags.length > 0 ? ` (${flags.join(', ')})` : ''} ${slot.hash.slice(0, hashLength)}`;
}

export function slotSizeText({ image, slot, sizeBytes, imageBytesMax }: DeviceSlotInfo): string {
  const where = image > 0 ? `image ${image} slot ${slot}` : `slot ${slot}`;
  return `${where}: ${sizeBytes} bytes${imageBytesMax === undefined ? '' : `, images of ${imageBytesMax} at most`}`;
}
