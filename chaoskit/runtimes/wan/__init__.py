"""The WAN of every runtime: one Toxiproxy server, a proxy per dial, one chain of toxics per stream."""
