// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Money of a program that a vote funds
 * @notice A DIP pays the program with `Treasury.spend` and promises the money to somebody in the same breath. What is
 * promised is reserved; `available = balance - reserved` is what may still be promised. Anyone may add to it by a
 * plain transfer. One ERC-20 per program, which has to move exactly the amounts it is told to.
 */
interface IProgramFunds {
    /// @notice What was not promised to anyone went back to the treasury.
    event SurplusSwept(uint256 amount);

    /// @notice The program holds less that is not promised than is to be promised now.
    error FundsShort(uint256 needed, uint256 available);

    /// @notice Neither nobody nor the program itself can be paid.
    error AccountInvalid(address account);

    /// @notice Sends everything that is not reserved to the treasury. Restricted.
    /// @return amount Base units; may be 0.
    function sweepSurplus() external returns (uint256 amount);

    /// @notice ERC-20 in which everything is paid.
    function token() external view returns (address);

    /// @notice Where money goes back to.
    function treasury() external view returns (address);

    /// @notice Base units that are promised and not yet paid.
    function reserved() external view returns (uint256);

    /// @notice Base units that may still be promised.
    function available() external view returns (uint256);
}
