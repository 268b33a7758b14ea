// Aedes (npm install -g aedes) on a port of 127.0.0.1: the first argument.
const net = require('net');
const { Aedes } = require('aedes');
Aedes.createBroker().then((broker) => net.createServer(broker.handle).listen(Number(process.argv[2]), '127.0.0.1'));
