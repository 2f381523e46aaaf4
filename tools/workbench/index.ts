export { buildWorkbench, isWorkbenchStale } from './build.ts';
export { serveWorkbench, type WorkbenchServer, workbenchFolder } from './serve.ts';
