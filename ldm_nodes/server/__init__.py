"""The server: ComfyUI's HTTP and WebSocket contract on aiohttp, safe by default, over a queue that survives.

Start with `routes/__init__.py`, the one page with every URL and who may call it. A request passes `middleware.py` (may
it come in, from where it says it is?), reaches its handler in `routes/`, which asks `site.py` for the parts it needs.
What running jobs tell goes another way: `hub.py` hears it, `wire.py` turns it into messages, `client.py` sends them.

Rule of this folder: it never loads torch and knows no nodes; the application hands it a registry, a queue and a few
functions. The event loop only hands over: files, the database and pictures are work for threads.
"""
