export { canonicalSources, type DatabaseSource, fileSource, sourcesAtHand } from './databases.ts';
export { type DatabaseReport, type DecodeReport, reportDecodeBench } from './decode-report.ts';
export { briefText, closingText, databaseText } from './decode-text.ts';
export { type EdgePart, type EdgeReport, edgeParts } from './edge/figures.ts';
export { type EdgeBenchOptions, reportEdgeBench } from './edge/report.ts';
export { edgeClosingText, partText } from './edge/text.ts';
export { readFrameFile, writeFrameFile } from './frame-input.ts';
export { largestAtHand, type ParseReport, parseText, reportParseBench } from './parse.ts';
export { type BenchResults, drawPage } from './results-page.ts';
