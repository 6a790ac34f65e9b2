import { parentPort, workerData } from 'node:worker_threads';
import { readOpenApi } from '../openapi/read.ts';
import { readWsdl } from '../wsdl/read.ts';
import type { ReadRequest } from './reader.ts';

// Reads one document and ends (reader.ts).

const request = workerData as ReadRequest; // reader.ts is the only one who starts this
parentPort?.postMessage(
  request.format === 'openapi'
    ? await readOpenApi(request.text, request.url)
    : readWsdl(request.text, request.fileName),
);
