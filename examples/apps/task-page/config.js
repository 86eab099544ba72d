// Where Bongsu answers: scheme, host and port, nothing behind it. The same line of Bongsu's settings names this page's own origin:
// BONGSU_CORS_ORIGINS=https://tasks.example.com
export const API = "http://127.0.0.1:8080";
