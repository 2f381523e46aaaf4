// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title The guardian of everything, for a term.
 *
 * This contract is what the governor knows as its guardian and what holds the AccessManager's guardian role; it passes
 * on the calls of its holder (a multisig, say) until its term is over and nothing after. Roles of an AccessManager
 * don't expire, so the term is here, in one place, for every contract that knows the guardian.
 *
 * It does not choose among targets: what a guardian may do is decided where it is done, by the guardian's role and by
 * the governor. Beyond that a call from here is a call from nobody, as long as nothing is owned here. A new guardian is
 * a new contract, put in place by a DIP; neither holder nor term of this one can be changed.
 */
interface ITermedGuardian {
    /// @notice The holder had `target` called with `data`.
    event Forwarded(address indexed target, bytes data);

    /// @dev Only the holder's calls are passed on.
    error TermedGuardianNotHolder(address caller);

    /// @dev The term is over; `until` was its last second.
    error TermedGuardianEnded(uint48 until);

    /// @dev A term is at most {TERM_MAX} seconds.
    error TermedGuardianTermTooLong(uint48 termSeconds);

    /**
     * @notice Calls `target` with `data`; reverts as the target does. Only the holder, only during the term.
     * @return result What the target returned.
     */
    function forward(address target, bytes calldata data) external returns (bytes memory result);

    /// @notice Whose calls are passed on; zero for nobody's.
    function holder() external view returns (address);

    /// @notice The last second in which calls are passed on, as a timestamp.
    function until() external view returns (uint48);

    /// @notice The longest term, in seconds.
    function TERM_MAX() external view returns (uint48);
}
