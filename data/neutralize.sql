-- A copied database must never send hours: forget every key and session.
UPDATE tripletex_connection
   SET secret_employee_token = NULL,
       secret_session_token = NULL,
       session_expires = NULL,
       state = CASE WHEN state = 'disconnected' THEN state ELSE 'attention' END,
       attention_reason = CASE WHEN state = 'disconnected' THEN attention_reason ELSE 'copied' END;
-- A set-up that was not finished holds the key that was typed.
UPDATE tripletex_connection_setup
   SET secret_pending_token = NULL,
       secret_session_token = NULL,
       session_expires = NULL;
DELETE FROM ir_config_parameter
 WHERE key = 'hr_timesheet_tripletex.consumer_token';
