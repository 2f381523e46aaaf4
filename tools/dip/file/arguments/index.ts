export { readAbiValues } from './abi-value.ts';
export {
  address,
  addressOrNobody,
  bookNames,
  contract,
  findContract,
  findFunction,
  functionReference,
} from './address.ts';
export { type Kind, Refusal, type Scope, shapeOf, shown, within } from './kind.ts';
export { count, dimo, dimoOrUnits, duration, ether, id, percent, time, units } from './quantities.ts';
export { choice, type Fields, list, map, optional, readFields, type ValuesOf, yesOrNo } from './shapes.ts';
export { bytes, findControl, findLookAlike, hash, hashOrNone, line, platform } from './text.ts';
