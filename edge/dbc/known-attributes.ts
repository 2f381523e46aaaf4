/** The attributes that decoding and simulation need, put where the model has a place for them. */
import type { AttributeDefinition, AttributeTarget, AttributeValue, Database, Message, Signal } from './model.ts';

type Lookup = (attributes: Map<string, AttributeValue>) => AttributeValue | undefined;

/** Sets long names, cycle times, start values, SPNs, and the FD and J1939 marks. A default holds where nothing is set. */
export function applyKnownAttributes(database: Database): void {
  const lookup = (name: string, target: AttributeTarget): Lookup => {
    const inherited = defaultOf(database.attributeDefinitions, name, target);
    return (attributes) => attributes.get(name) ?? inherited;
  };
  const longName = {
    node: lookup('SystemNodeLongSymbol', 'node'),
    message: lookup('SystemMessageLongSymbol', 'message'),
    signal: lookup('SystemSignalLongSymbol', 'signal'),
  };
  const cycleTime = lookup('GenMsgCycleTime', 'message');
  const startValue = lookup('GenSigStartValue', 'signal');
  const spn = lookup('SPN', 'signal');
  const isFormat = frameFormats(database);

  for (const node of database.nodes) setLongName(node, longName.node(node.attributes));
  for (const message of database.messages) {
    setLongName(message, longName.message(message.attributes));
    const cycleTimeMs = numberOf(cycleTime(message.attributes));
    if (cycleTimeMs !== undefined && cycleTimeMs > 0) message.cycleTimeMs = cycleTimeMs;
    message.j1939 = isFormat.j1939(message);
    message.fd = isFormat.fd(message);
    for (const signal of message.signals) {
      setLongName(signal, longName.signal(signal.attributes));
      setNumbers(signal, numberOf(startValue(signal.attributes)), numberOf(spn(signal.attributes)));
    }
  }
}

function setLongName(named: { longName?: string }, value: AttributeValue | undefined): void {
  if (value?.kind === 'string' && value.value !== '') named.longName = value.value;
}

function setNumbers(signal: Signal, startValue: number | undefined, spn: number | undefined): void {
  if (startValue !== undefined) signal.startValue = startValue;
  // 0 is the default of the attribute, and no parameter has it.
  if (spn !== undefined && spn > 0) signal.spn = spn;
}

function defaultOf(
  definitions: readonly AttributeDefinition[],
  name: string,
  target: AttributeTarget,
): AttributeValue | undefined {
  return definitions.find((definition) => definition.name === name && definition.target === target)?.default;
}

function numberOf(value: AttributeValue | undefined): number | undefined {
  return value === undefined || value.kind === 'string' || value.kind === 'enum' ? undefined : value.value;
}

function textOf(value: AttributeValue | undefined): string {
  if (value === undefined) return '';
  return value.kind === 'string' ? value.value : value.text;
}

/** What VFrameFormat means where a file defines it as a number instead of the usual enum. */
const frameFormatNames: Record<number, string> = {
  0: 'StandardCAN',
  1: 'ExtendedCAN',
  3: 'J1939PG',
  14: 'StandardCAN_FD',
  15: 'ExtendedCAN_FD',
};

function frameFormatName(value: AttributeValue | undefined): string {
  const isNumber = value?.kind === 'int' || value?.kind === 'hex';
  return isNumber ? (frameFormatNames[value.value] ?? '') : textOf(value);
}

/** VFrameFormat names the format; without it, ProtocolType and BusType speak for the bus, and the length for FD. */
function frameFormats(database: Database): { fd(message: Message): boolean; j1939(message: Message): boolean } {
  const inherited = defaultOf(database.attributeDefinitions, 'VFrameFormat', 'message');
  const formatOf = (message: Message) => frameFormatName(message.attributes.get('VFrameFormat') ?? inherited);
  const network = (name: string) =>
    textOf(database.attributes.get(name) ?? defaultOf(database.attributeDefinitions, name, 'network'));
  const j1939Bus = network('ProtocolType') === 'J1939' || network('BusType') === 'J1939';
  const j1939 = (message: Message) => {
    const format = formatOf(message);
    return message.extended && (format === 'J1939PG' || (format === '' && j1939Bus));
  };
  return {
    j1939,
    fd: (message) => {
      if (formatOf(message).endsWith('CAN_FD')) return true;
      // Longer ones are transport protocol messages.
      return message.length > 8 && message.length <= 64 && !j1939(message);
    },
  };
}
