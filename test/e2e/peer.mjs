/**
 * What runs in the pods of a scene: `node --input-type=module -e THIS PLAN`. Listens, echoes, and keeps connections from
 * ports that the test knows, for as long as it runs.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const { tcp = [], udp = [], clients = [], loops = [] } = JSON.parse(process.argv[1]);
const EVERY_MS = 500;

for (const port of tcp)
  createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(port);

for (const port of udp) {
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port: back }) => socket.send(message, back, address));
  socket.bind(port);
}

for (const client of clients) (client.protocol === 'udp' ? ask : hold)(client);

for (const loop of loops) setInterval(visit, EVERY_MS, loop);

/** A connection that ends when it has had its answer. */
function visit({ to, port }) {
  const socket = connect({ host: to, port });
  socket.end('x'.repeat(100));
  socket.resume();
  socket.on('error', (error) => console.log(to, port, error.code));
}

/** `quiet`: says nothing, to a server that would end a connection in which it hears what it does not understand. */
function hold({ from, to, port, quiet }) {
  const socket = connect({ host: to, port, localPort: from });
  const timer = quiet ? undefined : setInterval(() => socket.write('x'.repeat(100)), EVERY_MS);
  socket.resume();
  socket.on('error', (error) => console.log(to, port, error.code));
  socket.on('close', () => {
    clearInterval(timer);
    setTimeout(hold, EVERY_MS, { from, to, port, quiet });
  });
}

function ask({ from, to, port }) {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.bind(from, () => setInterval(() => socket.send('x'.repeat(100), port, to), EVERY_MS));
}

process.on('SIGTERM', () => process.exit(0));
