export { type ToolErrorCode, toolError, toolErrors } from './catalogue.ts';
