export { type ConvertFacts, type ConvertOptions, convertLog, convertText } from './convert.ts';
export { type IdFacts, type LogFacts, type StatOptions, statLog, statText } from './stat.ts';
