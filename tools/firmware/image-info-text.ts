/** An image's fields for a person: sections as `imgtool dumpinfo` has them. */
import type { ImageInfo, TlvInfo } from './image-info.ts';

type Row = (string | number)[];

/** @param table lays out rows with an indent */
export function imageInfoText(name: string, info: ImageInfo, table: (rows: Row[], indent: string) => string): string {
  const { header, body, tlvs, protectedTlvs } = info;
  const protectedAt = body.offset + body.bytes;
  const sections: [string, Row[]][] = [
    [
      'header (offset 0x0)',
      [
        ['version', info.version],
        ['header', `${hex(header.bytes)} bytes`],
        ['protected entries', `${hex(header.protectedBytes)} bytes`],
        ['body', `${hex(body.bytes)} bytes`],
        ['load address', hex(header.loadAddress)],
        ['flags', `${hex(header.flags)} ${header.flagNames.join(' ')}`.trimEnd()],
      ],
    ],
    [`body (offset ${hex(body.offset)})`, manifestRows(info)],
  ];
  if (protectedTlvs.length > 0)
    sections.push([
      `protected entries (offset ${hex(protectedAt)})`,
      protectedTlvs.flatMap((tlv) => tlvRows(tlv, info)),
    ]);
  sections.push([
    `entries (offset ${hex(protectedAt + header.protectedBytes)})`,
    tlvs.flatMap((tlv) => tlvRows(tlv, info)),
  ]);
  if (info.trailer) sections.push([`behind the image (offset ${hex(info.imageBytes)})`, trailerRows(info.trailer)]);
  const hash = info.hashHolds ? 'as it says' : 'NOT what it says: it is damaged';
  return [
    `${name}: ${info.fileBytes} bytes, image ${info.version}, signed with ${info.signature}`,
    `SHA-256 ${info.hash}, ${hash}`,
    ...sections.flatMap(([title, rows]) => ['', title, table(rows, '  ')]),
    '',
  ].join('\n');
}

/** Entries that repeat what the lines above them say are told in words too. */
function tlvRows(tlv: TlvInfo, info: ImageInfo): Row[] {
  const meaning: Readonly<Record<string, string | undefined>> = {
    SEC_CNT: info.securityCounter === undefined ? undefined : `security counter ${info.securityCounter}`,
    UUID_VID: info.vendor && `vendor ${info.vendor}`,
    UUID_CID: info.class && `class ${info.class}`,
  };
  const rows = tlv.value.match(/.{1,64}/g) ?? [''];
  const said = meaning[tlv.name];
  return [
    [`${tlv.name} (0x${tlv.type.toString(16).padStart(2, '0')})`, `${tlv.bytes} bytes${said ? `: ${said}` : ''}`],
    ...rows.map((row): Row => ['', row]),
  ];
}

function manifestRows({ manifest, body }: ImageInfo): Row[] {
  if (!manifest) return [['firmware', `${body.bytes} bytes, no manifest`]];
  if ('problem' in manifest) return [['manifest', manifest.problem]];
  const { version, model, decoders, settings, fault } = manifest;
  return [
    ['manifest', `${version}, model ${model}`],
    ...decoders.map((hash): Row => ['decoder', hash]),
    ...Object.entries(settings).map(([key, value]): Row => [key, JSON.stringify(value)]),
    ...(fault ? [['fault', fault]] : []),
  ];
}

function trailerRows(trailer: NonNullable<ImageInfo['trailer']>): Row[] {
  if ('problem' in trailer) return [['problem', trailer.problem]];
  const { erasedByte, alignBytes, isConfirmed } = trailer;
  return [
    ['padding', hex(erasedByte)],
    ['image_ok', isConfirmed ? 'set: confirmed' : 'unset: on trial'],
    ['magic', `good, fields ${alignBytes} bytes apart`],
  ];
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
