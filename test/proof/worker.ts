/** A thread that runs one proof: the solver blocks until it has an answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { check } from './checker.ts';

parentPort!.postMessage(check(workerData));
